/** Front of the adapter: what a ping means, whichever program's way of telling it comes in. */

import type { PingEvent, PingRequest } from '../../../model/ping.ts'
import { ok, type Result } from '../../../model/problem.ts'
import { badStatus } from './problems.ts'
import { readRunId } from './run-id.ts'
import { readSignal } from './signal.ts'
import { keptText } from './text.ts'

export { endOf, mostTextBytes } from './text.ts'

/** @returns What it means, or a problem `ping.*`. Pure; never throws, whatever came. */
export const readPing = (request: PingRequest): Result<PingEvent> =>
  request.form === 'uptime-kuma' ? readPush(request) : readHealthchecks(request)

function readHealthchecks({ signal, query, body }: PingRequest): Result<PingEvent> {
  const runId = readRunId(query.rid)
  if (!runId.ok) return runId
  const meant = readSignal(signal)
  if (!meant.ok) return meant
  return ok({ ...(runId.value !== undefined && { runId: runId.value }), ...meant.value, text: keptText(body) })
}

/** Up and down alone; `ping`, a time that some monitor measured, says nothing of a backup. */
function readPush({ query }: PingRequest): Result<PingEvent> {
  const { status = 'up', msg = '' } = query
  if (status !== 'up' && status !== 'down') return badStatus
  return ok({ kind: 'end', isGood: status === 'up', text: keptText(Buffer.from(msg)) })
}
