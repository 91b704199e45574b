import { toResult } from '../called.ts'
import type { OperationIo, OperationResult, RepositoryAccess } from '../tool.ts'
import { callBorg } from './command.ts'
import { problem } from './problems.ts'
import { defaultEncryption, settingsOf } from './settings.ts'

/** Makes a new repository; one that is there already is left as it is (`borg.exists`). */
export async function init(access: RepositoryAccess, io: OperationIo): Promise<OperationResult> {
  const { encryption, unencrypted } = settingsOf(access)
  const mode = encryption ?? (unencrypted === true ? 'none' : defaultEncryption)
  // borg would ask for a new one, and get no answer.
  if (mode !== 'none' && access.password === undefined)
    return { outcome: 'failed', problem: problem('borg.no-password', { repository: access.name }), durationMs: 0 }
  return toResult(await callBorg(access, io, { args: ['init', `--encryption=${mode}`] }))
}
