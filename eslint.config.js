import eslint from '@eslint/js'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  // The packages of the examples are not installed here.
  { ignores: ['dist', 'node_modules', 'eslint.config.js', 'test/examples'] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // PostgreSQL counts code points, and so do we.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      eqeqeq: 'error',
    },
  },
  {
    // chai's assertions are property reads: expect(x).to.be.true
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
)
