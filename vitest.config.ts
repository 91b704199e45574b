import { delimiter, join } from 'node:path'
import { defineConfig } from 'vitest/config'

const tools = join(import.meta.dirname, '.tools')

export default defineConfig({
  test: {
    // A run in which nothing ran proves nothing.
    passWithNoTests: false,
    pool: 'forks',
    maxWorkers: 2,
    env: { MUSTER_TOOLS: tools, PATH: [join(tools, 'bin'), process.env.PATH].join(delimiter) },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'], testTimeout: 60_000 },
      },
      {
        extends: true,
        test: { name: 'real', include: ['test/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
      },
    ],
  },
})
