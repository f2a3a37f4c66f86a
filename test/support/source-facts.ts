import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** What the architecture test looks at in one source file. */
export interface SourceFacts {
  /** Relative to `src/`, with forward slashes. */
  readonly file: string
  readonly lines: number
  readonly imports: readonly Import[]
  /** Every string literal that is not a module's name. */
  readonly literals: readonly string[]
  /** Classes that are instantiated: `Error` in `new Error(…)`. */
  readonly instantiated: readonly string[]
  /** Names that are called: `fetch` in `fetch(…)`. */
  readonly called: readonly string[]
}

export interface Import {
  /** A file of `src/` (`errors.ts`), or a module's name (`axios`, `node:fs`). */
  readonly target: string
  readonly isLocal: boolean
  readonly isDynamic: boolean
  /** Erased when the program is built. */
  readonly isTypeOnly: boolean
}

const SOURCE = fileURLToPath(new URL('../../src', import.meta.url))

/** The facts of every file of `src/`. */
export function readSources(): SourceFacts[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map((file) => factsOf(file, readFileSync(join(SOURCE, file), 'utf8')))
}

/** The facts of one file; `file` says where it stands in `src/`. */
export function factsOf(file: string, text: string): SourceFacts {
  const imports: Import[] = []
  const literals: string[] = []
  const instantiated: string[] = []
  const called: string[] = []
  const addImport = (name: string, kind: { isDynamic?: boolean; isTypeOnly?: boolean }) => {
    const isLocal = name.startsWith('.')
    const target = isLocal ? posix.join(dirname(file), name) : name
    imports.push({
      target,
      isLocal,
      isDynamic: kind.isDynamic ?? false,
      isTypeOnly: kind.isTypeOnly ?? false,
    })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      addImport(textOf(node.moduleSpecifier), {
        isTypeOnly: node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
      })
      return
    }
    if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      addImport(textOf(node.moduleSpecifier), { isTypeOnly: node.isTypeOnly })
      return
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      addImport(textOf(node.argument.literal), { isTypeOnly: true })
      return
    }
    if (ts.isCallExpression(node)) {
      const [argument] = node.arguments
      const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword
      const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require'
      if (isImport || isRequire) {
        // A computed name cannot be judged; it is noted as such, and no rule allows it.
        addImport(argument && ts.isStringLiteralLike(argument) ? argument.text : '(computed)', {
          isDynamic: true,
        })
        return
      }
      called.push(node.expression.getText())
    }
    if (ts.isNewExpression(node)) instantiated.push(node.expression.getText())
    if (ts.isStringLiteralLike(node)) literals.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true))
  return { file, lines: text.split('\n').length - 1, imports, literals, instantiated, called }
}

const textOf = (node: ts.Node): string => (ts.isStringLiteralLike(node) ? node.text : node.getText())
