package io.kotest.provided

import io.kotest.core.config.AbstractProjectConfig

/** Found by its name. */
object ProjectConfig : AbstractProjectConfig() {
  // Reads and writes files below the home directory otherwise.
  override val writeSpecFailureFile = false
}
