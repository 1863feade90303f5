/** The FlyMQ server: binary requests on a socket, turned into calls of the SPI. */
@NullMarked
package dev.tributary.testkit.server.flymq;

import org.jspecify.annotations.NullMarked;
