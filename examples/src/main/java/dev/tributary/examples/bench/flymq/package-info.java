/** FlyMQ's client written by hand. */
package dev.tributary.examples.bench.flymq;
