/** Which scheduled tasks are due now. */
import type { Trigger } from '../model/run.ts'
import { dueNow } from '../verdict/schedule/due.ts'
import { jitterOf } from '../verdict/schedule/jitter.ts'
import type { App } from './context.ts'
import { type Task, tasksOf } from './tasks.ts'

export interface DueTask {
  readonly task: Task
  readonly instant: Date
  readonly trigger: Trigger
}

/** Due tasks, backups before prunes and checks. An instant that any process took on is not due again. */
export async function dueTasks(app: App): Promise<readonly DueTask[]> {
  const now = app.now()
  const due: DueTask[] = []
  for (const task of tasksOf(app.config)) {
    const mark = await app.ledger.scheduleMark(task.key, now)
    const answer = dueNow({
      schedule: task.schedule,
      zone: task.zone,
      handled: mark.handled,
      since: mark.since,
      now,
      catchUp: task.catchUp,
      onTimeMs: 60_000 + task.jitterMs,
    })
    if (answer.due === undefined) continue
    const { instant, trigger } = answer.due
    if (instant.getTime() + jitterOf(task.key, instant, task.jitterMs) > now.getTime()) continue
    due.push({ task, instant, trigger })
  }
  return due
}

/** The next instant at which something becomes due, jitter included; undefined when nothing ever does. */
export async function nextDue(app: App): Promise<Date | undefined> {
  const now = app.now()
  let next: number | undefined
  for (const task of tasksOf(app.config)) {
    const mark = await app.ledger.scheduleMark(task.key, now)
    const answer = dueNow({
      schedule: task.schedule,
      zone: task.zone,
      handled: mark.handled,
      since: mark.since,
      now,
      catchUp: task.catchUp,
      onTimeMs: 60_000 + task.jitterMs,
    })
    // An instant that waits for its jitter, or the one after it.
    for (const instant of [answer.due?.instant, answer.next]) {
      if (instant === undefined) continue
      const at = instant.getTime() + jitterOf(task.key, instant, task.jitterMs)
      if (next === undefined || at < next) next = at
    }
  }
  return next === undefined ? undefined : new Date(next)
}
