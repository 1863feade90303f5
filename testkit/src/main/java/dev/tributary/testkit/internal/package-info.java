/** What servers and proxies share, and nobody else. */
@NullMarked
package dev.tributary.testkit.internal;

import org.jspecify.annotations.NullMarked;
