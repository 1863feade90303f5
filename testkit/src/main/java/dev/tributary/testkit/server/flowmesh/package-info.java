/** The FlowMesh protocol, from the server's side. */
@NullMarked
package dev.tributary.testkit.server.flowmesh;

import org.jspecify.annotations.NullMarked;
