/** What a notifier adds to the configuration. */
export interface NotifierSettings {
  readonly shape: object
  /** It is told of runs that began and ended, and of nothing else; default: of incidents and reports. */
  readonly tells?: 'runs'
}
