/** What a notifier adds to the configuration. */
export interface NotifierSettings {
  readonly shape: object
  /** It is told of runs that began and ended, and of nothing else; default: of incidents and reports. */
  readonly tells?: 'runs'
  /** Key of a secret that is an address of http or https. */
  readonly address?: string
  /** The block in which `user` and `password` need each other; empty: the notifier itself. */
  readonly login?: readonly string[]
}
