import type { NameSettings } from '../name-set.ts'

/** As a known sidecar script pushes. */
export const settings: NameSettings = { job: 'backup', instance: '{host}', method: 'post', namesJob: false }
