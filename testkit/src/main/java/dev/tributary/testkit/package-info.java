/** Fakes, virtual time and the JUnit extension: what a test of an application needs. */
@NullMarked
package dev.tributary.testkit;

import org.jspecify.annotations.NullMarked;
