/** Compares a module's public API with its committed dump. */
@NullMarked
package dev.tributary.testkit.api;

import org.jspecify.annotations.NullMarked;
