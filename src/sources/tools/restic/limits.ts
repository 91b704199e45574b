import type { Limits } from '../tool.ts'

const kibibyte = 1024

/** `--limit-upload` and `--limit-download` count KiB a second; rounded up, because 0 would mean no limit. */
export function limitArguments(limits: Limits | undefined): readonly string[] {
  const { uploadBytesPerSecond: up, downloadBytesPerSecond: down } = limits ?? {}
  return [
    ...(up === undefined ? [] : [`--limit-upload=${Math.max(1, Math.ceil(up / kibibyte))}`]),
    ...(down === undefined ? [] : [`--limit-download=${Math.max(1, Math.ceil(down / kibibyte))}`]),
  ]
}
