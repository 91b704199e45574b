/** Hours in which nobody is disturbed. Pure. */

import { nextAfter } from '../schedule/next.ts'
import { parseSchedule } from '../schedule/parse.ts'

export interface QuietHours {
  /** `22:00`: wall-clock time in `zone`. */
  readonly from: string
  readonly to: string
  readonly zone: string
  /** Whether critical things wait too. */
  readonly critical: boolean
}

/** @returns When the quiet hours end that `at` lies in; undefined outside of them. */
export function quietUntil({ from, to, zone }: QuietHours, at: Date): Date | undefined {
  const [begin, end] = [nextOf(from, zone, at), nextOf(to, zone, at)]
  // Inside, the end comes before the next begin; the very second of the begin is inside, that of the end is not.
  return begin === undefined || end === undefined || from === to || end >= begin ? undefined : end
}

function nextOf(time: string, zone: string, at: Date): Date | undefined {
  const [hours = '0', minutes = '0'] = time.split(':')
  const schedule = parseSchedule(`${Number(minutes)} ${Number(hours)} * * *`)
  return schedule.ok ? nextAfter(schedule.value, zone, at) : undefined
}
