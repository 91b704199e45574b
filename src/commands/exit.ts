/** Exit codes, the same for all commands. */
export const exitCodes = {
  fine: 0,
  failed: 1,
  /** Usage or configuration. */
  usage: 2,
  warnings: 3,
  /** `status`: a verdict is not fine. */
  notFine: 4,
  interrupted: 130,
} as const

/** A bug is told in one line; the stack is for those who ask for it. */
export function tellBug(error: unknown): number {
  const missing = missingPackage(error)
  if (missing !== undefined) {
    process.stderr.write(
      `muster: ${missing}\n    → In a checkout run \`npm start\` or \`npm test\` once; else install the package again.\n`,
    )
    return exitCodes.failed
  }
  if (isFull(error)) {
    process.stderr.write(
      'muster: The disk of the state folder is full: what happened could not be recorded.\n    → Make room there; what was recorded before is safe.\n',
    )
    return exitCodes.failed
  }
  if (error instanceof Error && error.name === 'DamagedRow') {
    process.stderr.write(
      `muster: The ledger is damaged: ${error.message}.\n    → Look at the disk, then restart \`muster serve\`: it sets the damaged file aside and begins a new one.\n`,
    )
    return exitCodes.failed
  }
  const text = error instanceof Error ? error.message : String(error)
  process.stderr.write(
    `muster: this should not have happened: ${text}\n    → Please report it. MUSTER_DEBUG=1 shows where it happened.\n`,
  )
  if (process.env.MUSTER_DEBUG !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return exitCodes.failed
}

/** SQLITE_FULL. Source: SQLite, "Result and Error Codes". */
const isFull = (error: unknown): boolean => (error as { errcode?: number } | undefined)?.errcode === 13

/** Packages that are not there, or of another version than this source was written for: no bug, but an update half done. */
function missingPackage(error: unknown): string | undefined {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  if (code === 'ERR_MODULE_NOT_FOUND') return /^Cannot find (?:package|module) '[^']+'/.exec(String(message))?.[0]
  return error instanceof SyntaxError && /does not provide an export named/.test(error.message)
    ? 'the installed packages are not those of this version'
    : undefined
}
