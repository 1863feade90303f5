/** The schema registry, and backups. Not for users. */
@NullMarked
package dev.tributary.testkit.server.goqueue.internal.schemas;

import org.jspecify.annotations.NullMarked;
