/** Words that may begin a statement. */
export const STARTS = words('SELECT WITH EXPLAIN USE SET SHOW RESET VALUES TABLE BEGIN COMMIT')

/** What may follow EXPLAIN. */
export const EXPLAIN_WORDS = words('ANALYZE SELECT WITH (FORMAT_JSON)').map((word) => word.replace('_', ' '))

/** Words that an expression may begin with. */
export const EXPRESSION_WORDS = words(
  'CASE CAST COALESCE CURRENT_DATE CURRENT_TIMESTAMP DISTINCT EXISTS EXTRACT FALSE INTERVAL NOT NULL NULLIF SELECT TRUE WHEN',
)

/** Words that may follow a value or a table. */
export const FOLLOWING_WORDS = [
  ...words(
    'AND AS ASC BETWEEN CROSS_JOIN DESC ELSE END EXCEPT FETCH_FIRST FILTER FROM FULL_JOIN GROUP_BY HAVING ILIKE IN',
  ),
  ...words(
    'INNER_JOIN INTERSECT IS_NOT_NULL IS_NULL JOIN LATERAL LEFT_JOIN LIKE LIMIT NOT_IN NULLS_FIRST NULLS_LAST',
  ),
  ...words(
    'OFFSET ON OR ORDER_BY OVER PARTITION_BY RIGHT_JOIN SELECT THEN UNION UNION_ALL USING WHEN WHERE WINDOW',
  ),
].map((word) => word.replaceAll('_', ' '))

/** Functions that analysts use; every function of PostgreSQL's runs, whether it is here or not. */
export const FUNCTIONS = words(
  `abs age array_agg array_length array_to_string avg bool_and bool_or ceil char_length concat concat_ws corr count
  cume_dist date_part date_trunc dense_rank exp extract first_value floor format generate_series greatest initcap
  jsonb_agg jsonb_array_elements jsonb_array_length jsonb_build_object jsonb_each jsonb_object_agg jsonb_path_query lag
  last_value lead least left length ln lower lpad ltrim make_date max min mod mode now ntile percent_rank
  percentile_cont percentile_disc position power random rank regexp_match regexp_matches regexp_replace repeat replace
  reverse right round row_number row_to_json rpad rtrim sign split_part sqrt stddev string_agg string_to_array strpos
  substring sum to_char to_date to_number to_timestamp translate trim trunc unnest upper variance width_bucket`,
)

/** Types for casts. */
export const TYPES = words(
  'bigint boolean date double_precision integer interval jsonb numeric real text time timestamp timestamptz',
).map((word) => word.replace('_', ' '))

function words(text: string): string[] {
  return text.trim().split(/\s+/)
}
