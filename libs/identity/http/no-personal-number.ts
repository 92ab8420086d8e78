import { ValidateBy } from 'class-validator';
import { personalNumberWithin } from '@fundflow/domain/personal-numbers';

/**
 * A text that is kept outside the vault, such as a reason or the number of a case, may have no ID, bank card or mobile
 * telephone in it. Refused as `bad-value`, never repeated.
 *
 * @param when of which bodies this holds; of all, where it is left out
 */
export const NoPersonalNumber = <Body>(when?: (body: Body) => boolean): PropertyDecorator =>
  ValidateBy({
    name: 'noPersonalNumber',
    validator: {
      validate: (value: unknown, of) =>
        typeof value !== 'string' ||
        (when !== undefined && !when(of?.object as Body)) ||
        personalNumberWithin(value) === null,
      defaultMessage: () => '不得含有证件号码、银行卡号或手机号码',
    },
  });
