/** A sleep that others may end; who calls while nobody sleeps ends the next one. */
export interface Alarm {
  sleep(ms: number, signal: AbortSignal): Promise<void>
  wake(): void
}

export function openAlarm(): Alarm {
  let end: (() => void) | undefined
  let isRung = false
  return {
    async sleep(ms, signal) {
      if (!isRung && !signal.aborted)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms)
          end = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      end = undefined
      isRung = false
    },
    wake() {
      isRung = true
      end?.()
    },
  }
}
