/** The nodes of a backend, and which of them leads what. */
@NullMarked
package dev.tributary.cluster;

import org.jspecify.annotations.NullMarked;
