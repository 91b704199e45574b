type Collect = (options: { readonly type: 'minor' }) => void

let gc: Collect | undefined

/**
 * Gives back the memory of chunks that were read and dropped. V8 lets some 60 MB of them pile up before it looks; called for
 * lines beyond all reason only, so that even these cost no more than what is kept of them. Its modules are loaded then too: a
 * start would pay for them.
 */
export function collectDropped(): void {
  if (gc === undefined) {
    process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc')
    gc = process.getBuiltinModule('node:vm').runInNewContext('gc') as Collect
  }
  gc({ type: 'minor' })
}
