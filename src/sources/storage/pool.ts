/**
 * undici's pool of connections alone: the whole package would take twice the memory, for `fetch` and the like. A file of its own, because
 * the bundle finds no names in a package that is imported dynamically.
 */
export { default as Pool } from 'undici/lib/dispatcher/pool.js'
