/** Creating, describing and deleting streams, queues and key-value stores. */
@NullMarked
package dev.tributary.admin;

import org.jspecify.annotations.NullMarked;
