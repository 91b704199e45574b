import { checks } from './check/checks.ts'

const width = Math.max(...checks.map(({ name }) => name.length))

/** `npm run check`: all of them, also when one fails; a line each, and what the failed ones said below it. */
export async function main(names: readonly string[]): Promise<number> {
  let failed = 0
  for (const { name, run } of checks.filter((check) => names.length === 0 || names.includes(check.name))) {
    const began = performance.now()
    const findings = await run().catch((error: Error) => [error.message])
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    console.log(`${name.padEnd(width)}  ${findings.length === 0 ? 'ok' : 'failed'}  ${seconds} s`)
    for (const finding of findings) console.log(finding.replace(/^/gm, '    '))
    if (findings.length > 0) failed += 1
  }
  return failed === 0 ? 0 : 1
}
