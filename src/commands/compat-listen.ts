/** `--compat-listen :9999=borg-exporter`: an address of its own for the metrics of one system. */
import { fail, ok, type Result } from '../model/problem.ts'
import { wholeSystems } from '../outlets/http/compat.ts'

export interface CompatListen {
  readonly listen: string
  readonly system: string
}

/** Reads them all; a port alone is one of this machine, as everywhere. The address itself is read where it is opened. */
export function parseCompatListen(texts: readonly string[]): Result<readonly CompatListen[]> {
  const wanted: CompatListen[] = []
  for (const text of texts) {
    const [, address = '', system = ''] = /^([^=]+)=(.+)$/.exec(text) ?? []
    if (!wholeSystems.includes(system))
      return fail({
        code: 'http.compat-listen',
        message: `${JSON.stringify(text)} names no address with a system that can have one.`,
        next: `Write address:port=system, such as 127.0.0.1:9999=borg-exporter; there are ${wholeSystems.join(', ')}.`,
        retry: 'never',
      })
    wanted.push({ listen: /^\d+$/.test(address) ? `127.0.0.1:${address}` : address, system })
  }
  return ok(wanted)
}
