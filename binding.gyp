# The addon through node-gyp: same sources and flags as CMakeLists.txt, for machines without CMake and for those who
# install the package. Run it through `node scripts/gyp.mjs`, which finds headers without downloading any.
{
  'variables': {
    # The wheel that scripts/setup.mjs unpacks, else the system's library.
    'openblas%': '<!(node -p "process.env.RESGRAM_OPENBLAS || (fs.existsSync(\'.deps/openblas/source.json\') ? \'wheel\' : \'system\')")',
    'version': '<!(node -p "require(\'./package.json\').version")',
  },
  'targets': [
    {
      'target_name': 'resgram',
      'sources': ['<!@(node -p "fs.readFileSync(\'native/sources.txt\', \'utf8\').trim()")'],
      'include_dirs': [
        'native',
        '<!(node -p "require(\'node-api-headers\').include_dir")',
        '<!(node -p "require(\'node-addon-api\').include_dir")',
      ],
      'defines': [
        'NDEBUG',
        'NAPI_VERSION=9',
        'NAPI_CPP_EXCEPTIONS',
        'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
        'RESGRAM_VERSION="<(version)"',
      ],
      # node's defaults have no exceptions, no RTTI and a language standard of their own.
      'cflags!': ['-fno-omit-frame-pointer'],
      'cflags_cc!': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20'],
      'cflags_cc': [
        '-std=c++20', '-O3', '-ffp-contract=off', '-fno-math-errno',
        '-fvisibility=hidden', '-fvisibility-inlines-hidden', '-pthread', '-Wall', '-Wextra',
      ],
      'conditions': [
        ['openblas=="wheel"', {
          'defines': ['RESGRAM_BLAS_PREFIX=scipy_'],
        }],
        ['OS=="linux"', {
          'ldflags': ['-pthread', '-Wl,-z,now', "-Wl,-rpath,'$$ORIGIN'"],
          'conditions': [
            ['openblas=="wheel"', {
              'libraries': ['<(module_root_dir)/.deps/openblas/lib/libscipy_openblas.so'],
              'copies': [{'destination': '<(PRODUCT_DIR)', 'files': ['.deps/openblas/lib/libscipy_openblas.so']}],
            }, {
              'libraries': ['-lopenblas'],
            }],
          ],
        }],
        ['OS=="mac"', {
          'xcode_settings': {
            'CLANG_CXX_LANGUAGE_STANDARD': 'c++20',
            'CLANG_CXX_LIBRARY': 'libc++',
            'GCC_ENABLE_CPP_EXCEPTIONS': 'YES',
            'GCC_ENABLE_CPP_RTTI': 'YES',
            'GCC_OPTIMIZATION_LEVEL': '3',
            'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
            'MACOSX_DEPLOYMENT_TARGET': '11.0',
            'OTHER_CPLUSPLUSFLAGS': ['-ffp-contract=off', '-fno-math-errno', '-fvisibility-inlines-hidden'],
            'OTHER_LDFLAGS': ['-Wl,-rpath,@loader_path'],
          },
          'conditions': [
            ['openblas=="wheel"', {
              'libraries': ['<(module_root_dir)/.deps/openblas/lib/libscipy_openblas.dylib'],
              'copies': [{'destination': '<(PRODUCT_DIR)', 'files': ['.deps/openblas/lib/libscipy_openblas.dylib']}],
            }, {
              'libraries': ['-L/opt/homebrew/opt/openblas/lib', '-L/usr/local/opt/openblas/lib', '-lopenblas'],
            }],
          ],
        }],
      ],
    },
  ],
}
