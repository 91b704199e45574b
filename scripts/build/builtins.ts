import { isBuiltin } from 'node:module'
import type { Plugin } from 'esbuild'

/**
 * Takes Node's own modules by `process.getBuiltinModule` instead of `import`. An `import` of `node:fs` reads every name it
 * exports, and thereby loads promises and streams that nobody asked for: 5 to 30 ms of each start, by module. A named import
 * becomes that one name; of a default import, each name is looked up when it is used.
 *
 * Every importing file gets a copy of its own, of which the unused names are shaken off: a shared one would be a file more
 * to open at each start.
 */
export const builtins: Plugin = {
  name: 'builtins',
  setup(build) {
    build.onResolve({ filter: /^[a-z0-9_:/]+$/ }, ({ path, kind, importer }) => {
      if (kind !== 'import-statement' || !isBuiltin(path)) return undefined
      const name = path.replace(/^(?:node:)?/, 'node:')
      return { path: name, namespace: 'builtin', suffix: `?for=${importer}`, sideEffects: false }
    })
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: textOf(path), loader: 'js' }))
  },
}

const identifier = /^[A-Za-z_$][\w$]*$/

function textOf(name: string): string {
  const module: unknown = process.getBuiltinModule(name)
  const whole = `process.getBuiltinModule('${name}')`
  const names = Object.keys(module as object).filter((key) => identifier.test(key) && key !== 'default')
  const named = names.map((key) => `export const ${key} = /* @__PURE__ */ (() => ${whole}.${key})()`)
  // A module that is itself a function (node:events, node:stream) is used as one.
  const isPlain = typeof module === 'object' && name !== 'node:process'
  const fallback = isPlain ? `{ ${names.map((key) => `get ${key}() { return ${whole}.${key} }`).join(', ')} }` : whole
  return [...named, `export default ${isPlain ? fallback : `/* @__PURE__ */ (() => ${whole})()`}`].join('\n')
}
