# Reads a secret while Terraform runs: COUNTERSIGN_URL, COUNTERSIGN_CLIENT_ID and COUNTERSIGN_CLIENT_SECRET are in its environment.
terraform {
  required_providers {
    external = {
      source  = "hashicorp/external"
      version = ">= 2.3"
    }
  }
}

data "external" "instagram" {
  program = ["python3", "${path.module}/external.py"]
  query = {
    credential = "Instagram"
    secret     = "password"
  }
}

output "instagram_password" {
  value     = data.external.instagram.result.password
  sensitive = true
}
