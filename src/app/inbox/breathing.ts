/** Memory is lean while little happens, and is not what intake waits for while much does. */
import { breathe, stayLean } from '../../system/memory.ts'

/** So many bodies between two looks are many. */
const mostCalm = 50
/** After so many quiet looks it is lean again. */
const usual = { lookMs: 250, calmLooks: 40 }

/** @returns To be called for each body. */
export function openBreathing(
  grow: () => unknown = breathe,
  shrink: () => unknown = stayLean,
  { lookMs, calmLooks } = usual,
): () => void {
  let bodies = 0
  let beganAt = 0
  let quiet = 0
  let timer: NodeJS.Timeout | undefined
  const look = (): void => {
    const isBusy = bodies > mostCalm
    bodies = 0
    quiet = isBusy ? 0 : quiet + 1
    if (isBusy) grow()
    if (quiet < calmLooks) return
    clearInterval(timer)
    timer = undefined
    shrink()
  }
  return () => {
    if (timer === undefined && performance.now() - beganAt > lookMs) [beganAt, bodies] = [performance.now(), 0]
    bodies += 1
    if (timer !== undefined || bodies <= mostCalm) return
    quiet = 0
    timer = setInterval(look, lookMs).unref()
    grow()
  }
}
