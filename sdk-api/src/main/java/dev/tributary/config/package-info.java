/** How a client is configured: in code, by a URI, from the environment. */
@NullMarked
package dev.tributary.config;

import org.jspecify.annotations.NullMarked;
