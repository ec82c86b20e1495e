package io.adamant.base;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Target;

/**
 * What programs that use Adamant as a library may rely on: it changes with the version number only,
 * and the site's migration page then says how. On a type it means all of its public members and
 * nested types, on a method that method alone. Everything else is internal, public or not: it is
 * public because another package of Adamant uses it.
 */
@Documented
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface PublicApi {}
