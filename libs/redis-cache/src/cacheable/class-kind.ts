import { Scope } from '@nestjs/common';

/** Whether instances of a class answer for one request (and so perhaps for one user), or for everybody. */
export type ClassKind = 'controller' | 'request-scoped' | 'shared';

/** Where Nest 11 and 12 keep what `@Controller` and `@Injectable` were told. */
const CONTROLLER_WATERMARK = '__controller__';
const SCOPE_OPTIONS = 'scope:options';

/** What the decorators of a class say of it. */
export function kindOfClass({ constructor }: object): ClassKind {
  if (Reflect.hasMetadata(CONTROLLER_WATERMARK, constructor)) return 'controller';
  const options = Reflect.getMetadata(SCOPE_OPTIONS, constructor) as { scope?: Scope } | undefined;
  return options?.scope === Scope.REQUEST ? 'request-scoped' : 'shared';
}
