/**
 * The definition of what every backend must do, as abstract JUnit suites. To run them on a transport of your own, implement {@link
 * dev.tributary.testkit.contract.Backend} once and extend each suite with a class that opens it.
 */
@NullMarked
package dev.tributary.testkit.contract;

import org.jspecify.annotations.NullMarked;
