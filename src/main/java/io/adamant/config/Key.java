package io.adamant.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A component of a configuration record: its default and what it may be. The component's name in
 * lower case with underscores is the key in YAML, and its type says what a value can be.
 *
 * <p>This is all that a new key needs, with its line in {@code configs/train.yaml}: reading,
 * writing, checking, suggestions for misspelt names and {@link RunConfig#with} follow from it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Key {
  /** Above any model or batch that a machine holds, and far from overflow in products with 8/3. */
  double SIZE = 1_000_000;

  /** The default, as YAML has it; not used where the key is {@link Derived}. */
  String value() default "";

  /** The smallest number. */
  double min() default Double.NEGATIVE_INFINITY;

  /** The largest number. */
  double max() default Double.POSITIVE_INFINITY;

  /** Whether a number has to lie above {@link #min}. */
  boolean above() default false;

  /** Whether a number has to lie below {@link #max}. */
  boolean below() default false;

  /** A word that means {@link #means}, such as {@code auto}. */
  String word() default "";

  /** What the word means: a number, a text, or nothing for an empty optional. */
  String means() default "0";

  /** A regular expression for the whole of a text. */
  String pattern() default "";

  /** What a text may be, in words. */
  String allowed() default "one line of printable text";

  /** A key whose default follows from others before it in its record. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  @interface Derived {
    /** The components that it follows from. */
    String[] from();

    /** The record's static method from those components' values to this one's. */
    String by();
  }

  /** A text that may also be a list of sources or the mapping of one, see {@link SourceList}. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  @interface Sources {}

  /**
   * A key that a run's identity does not depend on: it changes neither trajectory nor results, or,
   * like the path of a text, what it stands for is counted otherwise.
   */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  @interface OutsideId {}

  /**
   * A key that is younger than the first results: it counts in a run's identity only where it
   * differs from what runs without it did, so that these are found again.
   */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  @interface OlderRuns {
    /** What runs without the key did, as YAML has it. */
    String value();
  }
}
