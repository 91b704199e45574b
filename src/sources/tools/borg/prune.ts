import { toResult } from '../called.ts'
import type { OperationIo, OperationResult, RepositoryAccess } from '../tool.ts'
import { waitFor } from './backup.ts'
import { callBorg } from './command.ts'
import { parseMessage } from './messages.ts'
import { settingsOf } from './settings.ts'

/** Frees the space of what was forgotten (`borg compact`). */
export async function prune(
  access: RepositoryAccess,
  own: Readonly<Record<string, unknown>>,
  io: OperationIo,
): Promise<OperationResult> {
  const { compactThreshold } = settingsOf({ own: { ...access.own, ...own } })
  let done = 0
  const called = await callBorg(access, io, {
    args: [
      'compact',
      '--progress',
      ...waitFor(),
      ...(compactThreshold === undefined ? [] : [`--threshold=${compactThreshold}`]),
    ],
    onErrorLine: (line) => {
      const message = parseMessage(line)
      if (message?.type === 'progress_percent') done = Math.max(done, message.current ?? 0)
    },
    progress: () => done,
  })
  const result = toResult(called)
  return called.warned ? { ...result, outcome: 'warning' } : result
}
