/** The messages of the Disheap wire, generated, and the table of its rpcs. */
package dev.tributary.vertx.internal.disheap.proto;
