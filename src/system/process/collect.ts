import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: { readonly type: 'minor' }) => void

let gc: Collect | undefined

/**
 * Gives back the memory of chunks that were read and dropped. V8 lets some 60 MB of them pile up before it looks; called for
 * lines beyond all reason only, so that even these cost no more than what is kept of them.
 */
export function collectDropped(): void {
  if (gc === undefined) {
    setFlagsFromString('--expose-gc')
    gc = runInNewContext('gc') as Collect
  }
  gc({ type: 'minor' })
}
