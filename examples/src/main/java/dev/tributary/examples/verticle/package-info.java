/** A verticle over Tributary. */
package dev.tributary.examples.verticle;
