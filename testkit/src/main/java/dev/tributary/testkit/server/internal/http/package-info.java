/** The HTTP sides of servers: what is the same whatever they serve. */
@NullMarked
package dev.tributary.testkit.server.internal.http;

import org.jspecify.annotations.NullMarked;
