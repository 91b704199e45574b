import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of its own, open to other users, gone with `await using` or `using`. */
export interface Place extends Disposable {
  readonly path: string
  /** A path inside. */
  at(...parts: string[]): string
}

export function makePlace(): Place {
  const path = mkdtempSync(join(tmpdir(), 'muster-test-'))
  chmodSync(path, 0o755)
  return {
    path,
    at: (...parts) => join(path, ...parts),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}
