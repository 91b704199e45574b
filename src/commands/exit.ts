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
  const text = error instanceof Error ? error.message : String(error)
  process.stderr.write(
    `muster: this should not have happened: ${text}\n    → Please report it. MUSTER_DEBUG=1 shows where it happened.\n`,
  )
  if (process.env.MUSTER_DEBUG !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return exitCodes.failed
}
