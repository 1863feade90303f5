/** Groups: members, generations, assignments, committed offsets. Not for users. */
@NullMarked
package dev.tributary.testkit.server.goqueue.internal.groups;

import org.jspecify.annotations.NullMarked;
