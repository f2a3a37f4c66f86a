/**
 * Which functions a statement may call. Immutable ones always; of the others only those listed here.
 * The engine takes the right to execute all others away when its image is built (lockdown.ts), so this is enforced by
 * PostgreSQL itself; the statement gate asks the same question earlier, to refuse with a better message.
 */
export function isFunctionAllowed(name: string): boolean {
  return isListed(ALLOWED_FUNCTIONS, name) || !isListed(REFUSED_FUNCTIONS, name)
}

/** Names of functions, and why they are in the list. A `*` stands for any characters. */
export interface FunctionGroup {
  readonly reason: string
  readonly names: string
}

/** Functions that are not immutable and may run. */
export const ALLOWED_FUNCTIONS: readonly FunctionGroup[] = [
  {
    reason: 'They read the clock, which stands still within one statement.',
    names: 'now transaction_timestamp statement_timestamp clock_timestamp timeofday',
  },
  {
    reason: 'Dates and numbers whose answer depends on settings such as the time zone only.',
    names: `age date_add date_part date_subtract date_trunc extract timezone overlaps generate_series make_timestamptz
      timestamptz to_char to_date to_number to_timestamp`,
  },
  {
    reason:
      'They build text, arrays and JSON from their arguments, through output functions that are merely stable.',
    names: `array_to_json array_to_string concat concat_ws convert convert_from convert_to format length quote_literal
      quote_nullable enum_* row_to_json to_json to_jsonb json_agg* json_object_agg* json_build_* json_populate_*
      json_to_record* jsonb_agg* jsonb_object_agg* jsonb_build_* jsonb_populate_* jsonb_to_record* jsonb_path_*
      pg_input_error_info pg_input_is_valid pg_typeof pg_collation_for pg_column_size pg_column_compression
      xml_is_well_formed`,
  },
  {
    reason: 'Text search over their arguments.',
    names: `get_current_ts_config json_to_tsvector jsonb_to_tsvector to_tsvector to_tsquery phraseto_tsquery
      plainto_tsquery websearch_to_tsquery ts_headline ts_parse ts_token_type ts_debug`,
  },
  {
    reason: 'Chance, within the statement alone.',
    names: 'random random_normal gen_random_uuid uuidv4 uuidv7 array_sample array_shuffle',
  },
  {
    reason: 'Who and where one is, as every client asks at log-in.',
    names: `current_database current_schema current_schemas current_setting current_user current_query session_user
      system_user getpgusername getdatabaseencoding inet_* pg_backend_pid pg_client_encoding pg_conf_load_time
      pg_config pg_is_in_recovery pg_postmaster_start_time pg_settings_get_flags pg_show_all_settings version
      has_* pg_has_role row_security_active`,
  },
  {
    reason: 'The system catalogs and their views, which reporting tools read.',
    names: `_pg_index_position aclexplode col_description format_type obj_description shobj_description oidvectortypes
      pg_available_extension* pg_basetype pg_char_to_encoding pg_column_is_updatable pg_cursor pg_describe_object
      pg_encoding_to_char pg_extension_update_paths pg_filenode_relation pg_get_* pg_identify_object*
      pg_index_column_has_property pg_index_has_property pg_indexam_has_property pg_is_other_temp_schema
      pg_my_temp_schema pg_*_is_visible pg_mcv_list_items pg_options_to_table pg_partition_* pg_prepared_statement
      pg_prepared_xact pg_relation_* pg_sequence_* pg_stat_get_* pg_tablespace_* pg_timezone_* to_reg*
      pg_collation_actual_version pg_database_collation_actual_version pg_database_size pg_indexes_size pg_table_size
      pg_total_relation_size pg_lock_status pg_blocking_pids pg_safe_snapshot_blocking_pids pg_jit_available
      pg_numa_available`,
  },
  {
    reason: 'The number of the transaction, which is rolled back.',
    names: `mxid_age txid_current* txid_status pg_current_snapshot pg_current_xact_id* pg_xact_status pg_trigger_depth
      pg_listening_channels`,
  },
  {
    reason:
      'Whether the server is a replica, and how far its log has come, as tools for administrators ask at log-in.',
    names: `pg_current_wal_* pg_is_wal_replay_paused pg_last_committed_xact pg_last_wal_* pg_last_xact_replay_timestamp
      pg_notification_queue_usage`,
  },
  {
    reason: 'Clients call it when they reset a connection; there is no lock for it to release.',
    names: 'pg_advisory_unlock_all',
  },
]

/** Functions that are not immutable and may not run: with the list above, all there are (a test proves it). */
export const REFUSED_FUNCTIONS: readonly FunctionGroup[] = [
  {
    reason:
      'They read tables that the planner does not see in the statement, so that no row would be fetched for them.',
    names: '*_to_xml *_to_xmlschema *_to_xml_and_xmlschema ts_stat ts_rewrite',
  },
  {
    reason: 'They change settings or state of the one backend that all sessions share.',
    names: `set_config setseed pg_advisory_lock* pg_advisory_unlock pg_advisory_unlock_shared pg_advisory_xact_lock*
      pg_try_advisory_* pg_notify pg_export_snapshot pg_reload_conf pg_stat_reset*
      pg_stat_clear_snapshot pg_stat_force_next_flush pg_stat_have_stats pg_clear_* pg_restore_*_stats
      pg_rotate_logfile pg_log_* pg_cancel_backend pg_terminate_backend`,
  },
  {
    reason: 'They wait, and would hold the engine while they do.',
    names: 'pg_sleep pg_sleep_for pg_sleep_until',
  },
  {
    reason: 'They write: sequences, large objects, indexes, catalogs.',
    names: `nextval setval currval lastval lo_* loread lowrite brin_summarize_* brin_desummarize_range gin_clean_pending_list currtid2 binary_upgrade_*
      pg_import_system_collations pg_extension_config_dump pg_nextoid pg_stop_making_pinned_objects
      suppress_redundant_updates_trigger`,
  },
  {
    reason: 'They read files of the server.',
    names: `pg_ls_* pg_read_* pg_stat_file pg_current_logfile pg_show_all_file_settings pg_hba_file_rules
      pg_ident_file_mappings pg_control_* pg_split_walfile_name`,
  },
  {
    reason: 'Replication, recovery and back-up, which do not exist here.',
    names: `pg_backup_* pg_wal_replay_* pg_wal_summary_contents pg_switch_wal pg_create_* pg_drop_replication_slot pg_copy_*
      pg_logical_* pg_promote pg_replication_* pg_show_replication_origin_status
      pg_sync_replication_slots pg_xact_commit_timestamp* pg_available_wal_summaries`,
  },
  {
    reason: 'Internal: validators, event triggers, toast, tests.',
    names: `amvalidate fmgr_*_validator plpgsql_* pg_event_trigger_* pg_column_toast_chunk_id
      pg_isolation_test_session_is_blocked database_to_xml`,
  },
]

/** Whether one of the groups names the function. */
export function isListed(groups: readonly FunctionGroup[], name: string): boolean {
  let pattern = patterns.get(groups)
  if (pattern === undefined) patterns.set(groups, (pattern = patternOf(groups)))
  return pattern.test(name)
}

const patterns = new Map<readonly FunctionGroup[], RegExp>()

/** A regular expression, which JavaScript and PostgreSQL read alike. */
export function patternOf(groups: readonly FunctionGroup[]): RegExp {
  const names = groups.flatMap((group) => group.names.split(/\s+/))
  return new RegExp(`^(${names.map((name) => name.replaceAll('*', '.*')).join('|')})$`)
}
