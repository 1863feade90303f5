/** What drivers share whatever their network: names, leases, pauses, the ends of partitions. Exported to the drivers only. */
@NullMarked
package dev.tributary.internal.driver;

import org.jspecify.annotations.NullMarked;
