import { ValidateBy } from 'class-validator';
import { personalNumberWithin } from '@fundflow/domain/personal-numbers';

/**
 * A text that is kept outside the vault, such as a reason or the number of a case, may have no ID, bank card or mobile
 * telephone in it. Refused as `bad-value`, never repeated.
 */
export const NoPersonalNumber = (): PropertyDecorator =>
  ValidateBy({
    name: 'noPersonalNumber',
    validator: {
      validate: (value: unknown) =>
        typeof value !== 'string' || personalNumberWithin(value) === null,
      defaultMessage: () => '不得含有证件号码、银行卡号或手机号码',
    },
  });
