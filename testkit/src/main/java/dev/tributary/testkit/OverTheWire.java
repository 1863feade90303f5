package dev.tributary.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On a {@code Tributary} parameter of a {@link TributaryTest}: a client that talks to the test's embedded server over a socket, in
 * place of the fake. On an {@code EmbeddedServer} parameter: which protocol it speaks.
 */
@Documented
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
public @interface OverTheWire {
  /** The protocol. */
  String value() default "flowmesh";
}
